import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { npm } from './command';

const ROOT = resolve(__dirname, '../..');

/**
 * Packs this package as it is built and installs the tarball where n8n keeps what a user installs,
 * so that its nodes bear their real names.
 *
 * @param userFolder n8n's `N8N_USER_FOLDER`
 */
export async function installPackage(userFolder: string, signal?: AbortSignal): Promise<void> {
	const nodes = join(userFolder, '.n8n/nodes');
	const packed = await mkdtemp(join(tmpdir(), 'kieai-pack-'));
	try {
		await npm(['pack', '--pack-destination', packed], { cwd: ROOT, signal });
		const [tarball] = await readdir(packed);
		if (tarball === undefined) throw new Error('npm pack left no tarball');
		await mkdir(nodes, { recursive: true });
		// As n8n installs it: no scripts, and no peer, which n8n itself is.
		await npm(
			[
				'install',
				join(packed, tarball),
				'--prefix',
				nodes,
				'--ignore-scripts',
				'--legacy-peer-deps',
			],
			{ cwd: nodes, signal },
		);
	} finally {
		await rm(packed, { recursive: true });
	}
}
