import type { Connection } from '../connection';
import { isPrivate } from '../protocol/address';
import { KieAiError } from '../protocol/errors';

/**
 * A link that may be fetched. Throws a `KieAiError` for one that may not: another scheme than http and https, with a
 * name and password in it, or into this machine or its private network, unless the credential's KieAI is at the
 * very same host. What a public name resolves to is for `checkAddress`.
 */
export function checkLink(link: string, { localHost }: Pick<Connection, 'localHost'>): URL {
	if (!URL.canParse(link)) throw refused('is not a URL');
	const url = new URL(link);
	if (url.protocol !== 'https:' && url.protocol !== 'http:')
		throw refused('must begin with http:// or https://');
	if (url.username !== '' || url.password !== '')
		throw refused('must not contain a user name or password');
	if (url.hostname !== localHost && isPrivate(url.hostname))
		throw refused(`leads to '${url.hostname}', which is not on the public internet`);
	return url;
}

/** Throws a `KieAiError` for a public name that leads inside, as far as this n8n can tell. */
export async function checkAddress(
	url: URL,
	{ localHost, leadsInside }: Pick<Connection, 'localHost' | 'leadsInside'>,
): Promise<void> {
	if (url.hostname === localHost || !(await leadsInside(url))) return;
	throw refused(`leads to '${url.hostname}', whose address is not on the public internet`);
}

function refused(why: string): KieAiError {
	return new KieAiError(`The file link ${why}`, {
		outcome: 'refused',
		transient: false,
		advice: "Use a link that KieAI gave, such as 'videoUrl' of a KieAI node.",
	});
}
