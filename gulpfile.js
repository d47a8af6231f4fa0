const { src, dest } = require('gulp');

/** What TypeScript leaves behind: icons, codex and output schema files go beside the compiled nodes. */
function assets() {
	return src(['nodes/**/*.{svg,json}'], { base: '.', encoding: false }).pipe(dest('dist'));
}

exports.default = assets;
