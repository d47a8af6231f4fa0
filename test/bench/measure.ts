import type { Progress } from '../../scripts/demo/progress';
import type { N8n } from '../../scripts/n8n/instance';
import type { Table } from './table';

/** What every measure is given. */
export interface Bench {
	/** All measures use it, one after the other. */
	n8n: N8n;
	progress: Progress;
}

export type Measure = (bench: Bench) => Promise<Table[]>;
