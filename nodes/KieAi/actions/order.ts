import type { Metadata } from '../protocol/video';
import { readCallbackTarget, type CallbackTarget } from './callbackTarget';
import type { Tools, VideoOperation } from './operation';
import { InputError, type ItemParameters } from './parameters';
import { readVideoSettings, withTimeout, type VideoSettings } from './videoSettings';

/** Who gets a result, and how. */
export interface Recipient {
	itemIndex: number;
	settings: VideoSettings;
	/** What KieAI sends along with its callback. */
	metadata: Metadata | undefined;
}

/** One item's order: what to ask KieAI for, and how to wait for it. */
export interface Order extends Recipient {
	request: object;
	callback: CallbackTarget | undefined;
}

export function readOrder(item: ItemParameters, operation: VideoOperation, tools: Tools): Order {
	const request = operation.read(item);
	const settings = readVideoSettings(item, tools.context, operation);
	const { context, connection } = tools;
	const callback = operation.callsBack
		? readCallbackTarget(item, settings.wait, context, connection, operation.identify(request))
		: undefined;
	const { itemIndex } = item;
	return { itemIndex, request, settings, callback, metadata: callback?.metadata };
}

/**
 * Orders for the same video are one request. What is waited for together, as is all for which the execution pauses, is
 * waited for as long as the most patient of them wants.
 */
export function groupOrders(orders: Order[], { sameAs }: VideoOperation): Order[][] {
	const isPausing = orders[0]?.settings.wait === 'callback';
	const groups = new Map<string, Order[]>();
	for (const order of isPausing ? withLongestWait(orders) : orders) {
		const name = sameAs?.(order.request) ?? `item ${order.itemIndex}`;
		const group = groups.get(name);
		if (group === undefined) groups.set(name, [order]);
		else group.push(order);
	}
	return [...groups.values()].map(withLongestWait);
}

function withLongestWait(orders: Order[]): Order[] {
	const timeoutMinutes = Math.max(...orders.map(({ settings }) => settings.timeoutMinutes));
	return orders.map((order) => ({
		...order,
		settings: withTimeout(order.settings, timeoutMinutes),
	}));
}

/** Why a group cannot be one request, which can carry only one callback; undefined where it can. */
export function findConflict([first, ...twins]: Order[]): InputError | undefined {
	if (first?.settings.wait !== 'none') return undefined;
	const other = twins.find(({ callback }) => callback?.url !== first.callback?.url);
	if (other === undefined) return undefined;
	return new InputError(
		`Items ${first.itemIndex} and ${other.itemIndex} ask for the same video, with different callbacks`,
		"Nothing was sent for them. A video is asked for once: remove one of the items, or give both the same 'Metadata' and 'Callback URL'.",
	);
}
