const unit = require('./jest.config.js');

/** @type {import('jest').Config} */
module.exports = {
	...unit,
	roots: ['<rootDir>/test/mutation'],
	testMatch: ['<rootDir>/test/mutation/unit.ts'],
};
