import { KieAiError } from '../protocol/errors';

/**
 * A link that may be fetched. Throws a `KieAiError` for one that may not: another scheme than http and https, or with
 * a name and password in it.
 */
export function checkLink(link: string): URL {
	if (!URL.canParse(link)) throw refused('is not a URL');
	const url = new URL(link);
	if (url.protocol !== 'https:' && url.protocol !== 'http:')
		throw refused('must begin with http:// or https://');
	if (url.username !== '' || url.password !== '')
		throw refused('must not contain a user name or password');
	return url;
}

function refused(why: string): KieAiError {
	return new KieAiError(`The file link ${why}`, {
		outcome: 'refused',
		transient: false,
		advice: "Use a link that KieAI gave, such as 'videoUrl' of a KieAI node.",
	});
}
