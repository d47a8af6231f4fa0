import js from '@eslint/js';
import { globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Rules for what does not ship: n8n's own forbid files, timers and the console, which tests and scripts are made of. */
export default tseslint.config(
	// A package as n8n loads it: plain JavaScript, compiled nowhere.
	globalIgnores(['test/engine/support/fixture']),
	js.configs.recommended,
	tseslint.configs.recommended,
	{
		rules: {
			'@typescript-eslint/no-non-null-assertion': 'error',
			'@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
			// `dist/` is loaded as n8n loads it.
			'@typescript-eslint/no-require-imports': 'off',
		},
	},
);
