import type { Connection } from '../connection';
import { isPrivate } from '../protocol/address';
import { KieAiError } from '../protocol/errors';

/**
 * A link that may be fetched. Throws a `KieAiError` for one that may not: another scheme than http and https, with a
 * name and password in it, or into this machine or its private network, unless KieAI itself is there. What a public
 * name resolves to is not seen here.
 */
export function checkLink(link: string, { isLocal }: Pick<Connection, 'isLocal'>): URL {
	if (!URL.canParse(link)) throw refused('is not a URL');
	const url = new URL(link);
	if (url.protocol !== 'https:' && url.protocol !== 'http:')
		throw refused('must begin with http:// or https://');
	if (url.username !== '' || url.password !== '')
		throw refused('must not contain a user name or password');
	if (!isLocal && isPrivate(url.hostname))
		throw refused(`leads to '${url.hostname}', which is not on the public internet`);
	return url;
}

function refused(why: string): KieAiError {
	return new KieAiError(`The file link ${why}`, {
		outcome: 'refused',
		transient: false,
		advice: "Use a link that KieAI gave, such as 'videoUrl' of a KieAI node.",
	});
}
