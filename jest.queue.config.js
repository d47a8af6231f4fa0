const e2e = require('./jest.e2e.config.js');

/**
 * n8n in queue mode, on PostgreSQL and Redis.
 *
 * @type {import('jest').Config}
 */
module.exports = {
	...e2e,
	roots: ['<rootDir>/test/queue'],
	globalSetup: undefined,
	globalTeardown: undefined,
	testTimeout: 600_000,
};
