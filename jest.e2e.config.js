const unit = require('./jest.config.js');

/**
 * Tests against a real n8n, which all files share: one after the other, and with time, because
 * nothing here is a measurement.
 *
 * @type {import('jest').Config}
 */
module.exports = {
	...unit,
	roots: ['<rootDir>/test/e2e'],
	testPathIgnorePatterns: ['/node_modules/'],
	globalSetup: '<rootDir>/test/e2e/support/globalSetup.ts',
	globalTeardown: '<rootDir>/test/e2e/support/globalTeardown.ts',
	maxWorkers: 1,
	testTimeout: 180_000,
};
