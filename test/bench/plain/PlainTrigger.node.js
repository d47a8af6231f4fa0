/** As little as a community trigger can do: it takes whatever comes, and n8n evaluates no expression for it. */
/* global module */
class PlainTrigger {
	description = {
		displayName: 'Plain Trigger',
		name: 'plainTrigger',
		group: ['trigger'],
		version: 1.1,
		description: 'Takes a call',
		defaults: { name: 'Plain Trigger' },
		inputs: [],
		outputs: ['main'],
		webhooks: [
			{
				name: 'default',
				httpMethod: 'POST',
				responseMode: 'onReceived',
				responseData: '',
				path: 'plain',
			},
		],
		properties: [],
	};

	async webhook() {
		const json = this.getBodyData();
		return { webhookResponse: { message: 'OK' }, workflowData: [[{ json }]] };
	}
}

module.exports = { PlainTrigger };
