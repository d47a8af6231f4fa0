import type { Progress } from '../../../scripts/demo/progress';

const nothing = () => undefined;

/** For a test that starts an n8n of its own. */
export const silent: Progress = { begin: nothing, tell: nothing, succeed: nothing, fail: nothing };
