import { KieAi } from '../../nodes/KieAi/KieAi.node';

const { properties, waitingNodeTooltip = '', webhooks } = new KieAi().description;

/** The expression as n8n evaluates it, with the node's parameters. */
function tooltip(operation: string): unknown {
	const code = waitingNodeTooltip.replace(/^=\{\{|\}\}$/g, '');
	return (new Function('$parameter', `return ${code}`) as (parameter: object) => unknown)({
		operation,
	});
}

it.each([
	['generate', 'the video usually takes 1 to 3 minutes'],
	['extend', 'the extended video usually takes 1 to 3 minutes'],
	['get4k', 'the 4K video usually takes 5 to 10 minutes'],
])('a node that waits says what for, and how long it takes: %s', (operation, text) => {
	expect(tooltip(operation)).toBe(`Waiting for KieAI to call back: ${text}`);
});

it.each([
	['generate', true],
	['extend', true],
	['get4k', true],
	['get1080p', false],
	['get', false],
])('Pause Until Callback is offered for %s: %p', (operation, isOffered) => {
	const fields = properties.filter(
		({ name, displayOptions }) =>
			name === 'waitForResult' && displayOptions?.show?.['operation']?.includes(operation),
	);
	expect(fields).toHaveLength(2); // for people, and for agents
	for (const { options = [] } of fields) {
		const values = options.map((option) => 'value' in option && option.value);
		expect(values.includes('callback')).toBe(isOffered);
	}
});

it('the webhook of a paused execution answers in the node’s words, and is none of a trigger’s', () => {
	expect(webhooks).toEqual([
		expect.objectContaining({ httpMethod: 'POST', responseData: '', restartWebhook: true }),
	]);
});
