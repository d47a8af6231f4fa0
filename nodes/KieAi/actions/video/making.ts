import type { ItemParameters } from '../parameters';
import { RANGES } from '../ranges';

export type Model = 'fast' | 'lite' | 'quality';

interface Making {
	model?: string;
	seeds?: number;
	watermark?: string;
}

/**
 * What Generate and Extend have in common; only what the user set is in it.
 * @param names what KieAI calls the models in this call
 */
export function readMaking(item: ItemParameters, names: Record<Model, string>): Making {
	const model = readModel(item);
	const seed = { ...RANGES.seed, fallback: RANGES.seed.min };
	const watermark = item.option.text('watermark');
	return {
		...(model !== 'fast' && { model: names[model] }),
		...(item.option.isSet('seed') && { seeds: item.option.number('seed', 'Seed', seed) }),
		...(watermark !== undefined && { watermark }),
	};
}

export function readModel(item: ItemParameters): Model {
	return item.choice('model', ['fast', 'lite', 'quality'], 'Model');
}
