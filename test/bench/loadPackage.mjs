/**
 * A process of its own loads a package of nodes as n8n does, after another one that warms up, and prints what it took
 * as JSON. Usage: node --expose-gc loadPackage.mjs <n8n's folder> <the other's folder> <the package's folder>
 */
import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import process from 'node:process';

const [n8n, other, folder] = process.argv.slice(2);
const require = createRequire(`${n8n}/package.json`);
const { PackageDirectoryLoader } = require('n8n-core');
require('n8n-workflow');
await new PackageDirectoryLoader(other).loadAll();

const before = heap();
const begun = performance.now();
const loader = new PackageDirectoryLoader(folder);
await loader.loadAll();
const ms = performance.now() - begun;
const bytes = heap() - before;

const operations = Object.values(loader.nodeTypes).reduce(
	(sum, { type }) => sum + operationsOf(type.description ?? newest(type)),
	0,
);
process.stdout.write(JSON.stringify({ ms, bytes, operations }));

function newest({ nodeVersions, currentVersion, description }) {
	return description ?? nodeVersions[currentVersion].description;
}

/** A node without a choice of operations does one thing. */
function operationsOf({ properties }) {
	const choices = properties.filter(({ name }) => name === 'operation');
	return choices.reduce((sum, { options = [] }) => sum + options.length, 0) || 1;
}

function heap() {
	globalThis.gc();
	return process.memoryUsage().heapUsed;
}
