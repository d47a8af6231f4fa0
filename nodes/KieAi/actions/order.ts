import { readCallbackTarget, type CallbackTarget } from './callbackTarget';
import type { Tools, VideoOperation } from './operation';
import { InputError, type ItemParameters } from './parameters';
import { readVideoSettings, type VideoSettings } from './videoSettings';

/** One item's order: what to ask KieAI for, and how to wait for it. */
export interface Order {
	itemIndex: number;
	request: object;
	settings: VideoSettings;
	callback: CallbackTarget | undefined;
}

export function readOrder(item: ItemParameters, operation: VideoOperation, tools: Tools): Order {
	const request = operation.read(item);
	const settings = readVideoSettings(item, tools.context, operation.timing);
	const callback =
		operation.cost === 'none'
			? undefined
			: readCallbackTarget(item, tools.context, tools.connection, operation.identify(request));
	return { itemIndex: item.itemIndex, request, settings, callback };
}

/** Orders for the same video are one request; it can carry only one callback. */
export function groupOrders(orders: Order[], { sameAs }: VideoOperation): Order[][] {
	const groups = new Map<string, Order[]>();
	for (const order of orders) {
		const name = sameAs?.(order.request) ?? `item ${order.itemIndex}`;
		const group = groups.get(name);
		if (group === undefined) groups.set(name, [order]);
		else group.push(order);
	}
	for (const [first, ...twins] of groups.values()) {
		const other = twins.find(({ callback }) => callback?.url !== first?.callback?.url);
		if (first === undefined || other === undefined) continue;
		throw new InputError(
			`Items ${first.itemIndex} and ${other.itemIndex} ask for the same video, with different callbacks`,
			"Nothing was sent. A video is asked for once: remove one of the items, or give both the same 'Metadata' and 'Callback URL'.",
		);
	}
	return [...groups.values()];
}
