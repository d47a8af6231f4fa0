import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Rules for what does not ship: n8n's own forbid files, timers and the console, which tests and scripts are made of. */
export default tseslint.config(js.configs.recommended, tseslint.configs.recommended, {
	files: ['**/*.ts'],
	rules: { '@typescript-eslint/no-non-null-assertion': 'error' },
});
