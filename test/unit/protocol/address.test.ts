import { isLoopback, isPrivate } from '../../../nodes/KieAi/protocol/address';

const hostOf = (url: string) => new URL(url).hostname;

describe('this machine', () => {
	it.each(['http://localhost', 'http://127.0.0.1:5678', 'http://127.10.200.30', 'http://[::1]'])(
		'is %s',
		(url) => expect(isLoopback(hostOf(url))).toBe(true),
	);

	it.each([
		'http://localhost.example.com',
		'http://127.example.com',
		'http://127.0.0.1.example.com',
		'http://10.0.0.1',
	])('is not %s', (url) => expect(isLoopback(hostOf(url))).toBe(false));

	it('is not what only ends like it', () => expect(isLoopback('a127.0.0.1')).toBe(false));
});

describe('a host that nobody outside can reach', () => {
	it.each([
		'http://localhost',
		'http://LOCALHOST.',
		'http://app.localhost',
		'http://n8n:5678',
		'http://nas.local',
		'http://nas.local.',
		'http://host.docker.internal',
		'http://box.lan',
		'http://box.home.arpa',
		'http://0.0.0.0',
		'http://10.0.0.1',
		'http://127.0.0.1',
		'http://2130706433',
		'http://0x7f.1',
		'http://0177.0.0.1',
		'http://100.64.0.1',
		'http://100.127.255.255',
		'http://169.254.169.254',
		'http://172.16.0.1',
		'http://172.31.255.255',
		'http://192.168.1.1',
		'http://198.18.0.1',
		'http://198.19.255.255',
		'http://224.0.0.1',
		'http://255.255.255.255',
		'http://[::]',
		'http://[::1]',
		'http://[::ffff:127.0.0.1]',
		'http://[::ffff:192.168.1.1]',
		'http://[::127.0.0.1]',
		'http://[::ffff:0:10.0.0.1]',
		'http://[64:ff9b::169.254.169.254]',
		'http://[64:ff9b:1::7f00:1]',
		'http://[64:ff9b:1:2:3::1]',
		'http://[2002:7f00:1::]',
		'http://[2002:a00:1::1]',
		'http://[2002:a00::1]',
		'http://[fc00::1]',
		'http://[fd12:3456::1]',
		'http://[fe80::1]',
		'http://[febf::1]',
		'http://[fec0::1]',
		'http://[ff02::1]',
	])('is %s', (url) => expect(isPrivate(hostOf(url))).toBe(true));

	it.each([
		'https://n8n.example.com',
		'https://localhost.example.com',
		'https://local.example.com',
		'https://internal.io',
		'https://x.internal.example.com',
		'https://10.0.0.1.example.com',
		'http://8.18.0.1',
		'http://8.20.0.1',
		'http://8.100.0.1',
		'http://8.168.0.1',
		'http://8.254.0.1',
		'http://11.0.0.1',
		'http://100.63.0.1',
		'http://100.128.0.1',
		'http://169.253.0.1',
		'http://172.15.0.1',
		'http://172.32.0.1',
		'http://192.169.0.1',
		'http://8.8.8.8',
		'http://[64:ff9b:2::1]',
		'http://[2001:db8::1]',
		'http://[2001:db8::a00:1]',
		'http://[2001:db8:fc00::1]',
		'http://[::ffff:8.8.8.8]',
		'http://[::8.8.8.8]',
		'http://[64:ff9b::8.8.8.8]',
		'http://[2002:808:808::1]',
		'http://198.17.0.1',
		'http://198.20.0.1',
		'http://223.255.255.255',
	])('is not %s', (url) => expect(isPrivate(hostOf(url))).toBe(false));

	it('is not what only ends like it', () => expect(isPrivate('a10.0.0.1')).toBe(false));
});
