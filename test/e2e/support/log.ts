const OURS = /^KieAI (?!accepted task)|\/nodes\/node_modules\/n8n-nodes-kieai\//;
const NOBODYS = /unhandled|failed to start waiting execution/i;

/** What n8n's log has against us, and errors that nobody has caught. */
export function complaints(log: string): string[] {
	return log.split('\n').filter((line) => OURS.test(line) || NOBODYS.test(line));
}
