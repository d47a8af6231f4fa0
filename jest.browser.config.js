const e2e = require('./jest.e2e.config.js');

/**
 * What a person does in n8n's editor, done by a browser, in the n8n of the end-to-end tests.
 *
 * @type {import('jest').Config}
 */
module.exports = {
	...e2e,
	roots: ['<rootDir>/test/browser'],
	globalSetup: '<rootDir>/test/browser/support/globalSetup.ts',
	testTimeout: 240_000,
};
