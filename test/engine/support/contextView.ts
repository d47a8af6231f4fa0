/**
 * What nodes see of n8n-core's contexts where a test takes something away. The context itself stays
 * whole: its own methods, which are called on it and not on the view, go on working.
 */
import type { INodeType } from 'n8n-workflow';
import type { Loaded } from './nodeTypes';
import type { Surroundings } from './types';

const hidden = 'runExecutionData';

export function viewOf<T extends object>(context: T, { hideRunData = false }: Surroundings): T {
	if (!hideRunData) return context;
	return new Proxy(context, {
		get(target, key) {
			if (key === hidden) return undefined;
			const value: unknown = Reflect.get(target, key, target);
			return typeof value === 'function' ? value.bind(target) : value;
		},
		has: (target, key) => key !== hidden && Reflect.has(target, key),
		getOwnPropertyDescriptor: (target, key) =>
			key === hidden ? undefined : Reflect.getOwnPropertyDescriptor(target, key),
	});
}

/** The same nodes, whose `execute()` is given the view. */
export function viewedNodes(loaded: Loaded, surroundings: Surroundings): Loaded {
	if (surroundings.hideRunData !== true) return loaded;
	const { nodeTypes } = loaded;
	return {
		...loaded,
		nodeTypes: {
			...nodeTypes,
			getByNameAndVersion(name, version) {
				const type = nodeTypes.getByNameAndVersion(name, version);
				const { execute } = type;
				if (!execute) return type;
				const viewed: Pick<INodeType, 'execute'> = {
					async execute(...rest) {
						return await execute.apply(viewOf(this, surroundings), rest);
					},
				};
				return Object.assign(Object.create(type) as INodeType, viewed); // as the original, but for execute
			},
		},
	};
}
