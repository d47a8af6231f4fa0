// Away from UTC, so that a time read in the machine's own zone is noticed.
process.env.TZ = 'Asia/Shanghai';

// A folder where an older n8n-core is installed (`npm i --ignore-scripts n8n-core@1.122.0`, that of
// n8n 1.123): the engine tests run on it, and on the n8n-workflow that it brings.
const { N8N_CORE_DIR: otherCore } = process.env;
// What it brings that is no CommonJS, which Jest could not load on its own before Node 24.
const esModules = '(p-retry|is-network-error)/';

/** @type {import('jest').Config} */
module.exports = {
	testEnvironment: 'node',
	// Jest would leave one core idle, of two half of them.
	maxWorkers: '100%',
	// For a machine that is busy: no test takes a tenth of it on one that is not.
	testTimeout: 30_000,
	roots: ['<rootDir>/test'],
	testMatch: ['**/*.test.ts'],
	// They need a real n8n: npm run test:e2e, npm run test:browser, npm run test:queue.
	testPathIgnorePatterns: [
		'/node_modules/',
		'<rootDir>/test/e2e/',
		'<rootDir>/test/browser/',
		'<rootDir>/test/queue/',
		// What docs/reliability.md counts is of the newest n8n.
		...(otherCore ? ['<rootDir>/test/engine/faults/'] : []),
	],
	transform: {
		'^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }],
		...(otherCore && { [esModules]: ['@swc/jest', { module: { type: 'commonjs' } }] }),
	},
	...(otherCore && {
		forceExit: true, // a timer of the older one outlives the tests
		moduleNameMapper: { '^n8n-(core|workflow)$': `${otherCore}/node_modules/n8n-$1` },
	}),
	transformIgnorePatterns: [
		otherCore ? `/node_modules/(?!${esModules})` : '/node_modules/',
		'/dist/',
	],
};
