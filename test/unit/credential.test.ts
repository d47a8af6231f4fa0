import { Workflow, type INodeTypes } from 'n8n-workflow';

import { KieAiApi } from '../../credentials/KieAiApi.credentials';

const nowhere = 'https://base-url-must-begin-with-https.invalid';

/** Where n8n would send the key to test it. */
function testedUrl(baseUrl?: string): unknown {
	const { baseURL = '' } = new KieAiApi().test.request;
	const workflow = new Workflow({
		nodes: [],
		connections: {},
		active: false,
		nodeTypes: {} as INodeTypes, // not asked for
	});
	const $credentials = baseUrl === undefined ? {} : { baseUrl };
	return workflow.expression.resolveSimpleParameterValue(
		baseURL,
		{},
		null,
		0,
		0,
		'Test',
		[],
		'internal',
		{ $credentials },
	);
}

describe('the key is tested', () => {
	it.each([undefined, '', ' '])('at KieAI where the Base URL is %j', (baseUrl) => {
		expect(testedUrl(baseUrl)).toBe('https://api.kie.ai');
	});

	it.each([
		'https://api.kie.ai',
		'https://proxy.example:8443/kieai/',
		'https://proxy.example/a@b',
		'http://localhost',
		'http://localhost:3000/kieai',
		'http://127.0.0.1:3000',
		'http://[::1]:3000/',
	])('at %s', (baseUrl) => {
		expect(testedUrl(baseUrl)).toBe(baseUrl);
		expect(testedUrl(` ${baseUrl} `)).toBe(baseUrl);
	});

	it.each([
		'http://api.kie.ai',
		'http://localhost:x@evil.example',
		'http://localhost:80@evil.example',
		'http://localhost@evil.example',
		'http://localhost.evil.example',
		'http://localhost\\@evil.example',
		'http://127.0.0.1.evil.example',
		'http://127.0.0.1:80x@evil.example/',
		'https://api.kie.ai@evil.example',
		'https://api.kie.ai:x@evil.example/',
		'https://\\@evil.example',
		'ftp://localhost',
		'kieai',
	])('nowhere, where the Base URL is %s', (baseUrl) => {
		expect(testedUrl(baseUrl)).toBe(nowhere);
	});
});
