// Both from scripts/mutation.ts: Stryker is installed outside of the checkout, and so is what it writes.
const { KIEAI_STRYKER: modules, KIEAI_MUTATION: scratch } = process.env;

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
	mutate: ['protocol', 'waiting', 'delivery'].map((folder) => `nodes/KieAi/${folder}/*.ts`),
	plugins: [`${modules}/@stryker-mutator/jest-runner/dist/src/index.js`],
	testRunner: 'jest',
	jest: { configFile: 'jest.mutation.config.js', enableFindRelatedTests: false },
	coverageAnalysis: 'perTest',
	// For a machine that is busy: what takes long on it is not caught yet.
	timeoutFactor: 4,
	timeoutMS: 10_000,
	thresholds: { high: 95, low: 90, break: 90 },
	// Nothing that these tests read. Without TypeScript's own settings Stryker needs no TypeScript to rewrite them.
	ignorePatterns: ['dist', 'docs', 'examples', 'tsconfig*.json'],
	tempDirName: `${scratch}/sandbox`,
	reporters: ['json', 'progress-append-only'],
	jsonReporter: { fileName: `${scratch}/report.json` },
	warnings: { slow: false },
};
