/** Which hosts are on this machine or inside a private network. Host names as `URL.hostname` writes them. */

/** This machine, in the spellings in which people write it. */
export function isLoopback(hostname: string): boolean {
	return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/**
 * Whether nobody outside can reach the host: this machine, private, shared, link-local and group addresses, and names
 * that only a local network knows. `URL` has brought every other spelling of an IPv4 address into this one.
 */
export function isPrivate(hostname: string): boolean {
	if (isLoopback(hostname)) return true;
	if (hostname.startsWith('[')) return isPrivateIpv6(hostname.slice(1, -1));
	const ipv4 = /^(\d+)\.(\d+)\.\d+\.\d+$/.exec(hostname);
	if (ipv4) return isPrivateIpv4(Number(ipv4[1]), Number(ipv4[2]));
	const name = hostname.replace(/\.$/, '');
	return (
		!name.includes('.') || /\.(localhost|local|localdomain|internal|lan|home\.arpa)$/.test(name)
	);
}

function isPrivateIpv4(first: number, second: number): boolean {
	return (
		first === 0 ||
		first === 10 ||
		first === 127 ||
		(first === 100 && second >= 64 && second <= 127) ||
		(first === 169 && second === 254) ||
		(first === 172 && second >= 16 && second <= 31) ||
		(first === 192 && second === 168) ||
		(first === 198 && (second === 18 || second === 19)) ||
		first >= 224
	);
}

/** An IPv4 address inside an IPv6 one is written in hexadecimal by `URL`: `::ffff:a00:1`. */
function isPrivateIpv6(address: string): boolean {
	if (/^(f[cdf][0-9a-f]{0,2}|fe[89a-f][0-9a-f]|64:ff9b:1):/.test(address)) return true;
	const inside = INSIDE_IPV6.exec(address);
	if (!inside) return address === '::';
	const high = Number.parseInt(String(inside[1]), 16);
	return isPrivateIpv4(high >> 8, high & 0xff);
}

/** Mapped, compatible and translated (NAT64) addresses, and those of 6to4. */
const INSIDE_IPV6 = /^(?:::(?:ffff:(?:0:)?)?|64:ff9b::|2002:)([0-9a-f]{1,4}):/;
