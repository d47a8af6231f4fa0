/** The sandbox's own routes, `/__sandbox__/…` on the API host: the in-process API over HTTP. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

import { faultSchema } from './faults';
import type { Sandbox } from './index';
import { placedTaskSchema } from './placing';
import { settingsChangeSchema } from './settings';

export const CONTROL_PREFIX = '/__sandbox__';

const accountSchema = z
	.object({
		key: z.string().optional(),
		hmacKey: z.string().nullable().optional(),
		credits: z.number().optional(),
	})
	.strict();

const advanceSchema = z.object({ seconds: z.number().nonnegative() }).strict();

/** GET reads, POST changes, DELETE clears; bodies and answers are plain JSON, without envelope. */
export function serveControl(app: FastifyInstance, sandbox: Sandbox): void {
	void app.register(
		async (control) => {
			control.setErrorHandler(async (error, _request, reply) => {
				void reply.code(error instanceof z.ZodError ? 400 : 500);
				return { error: error instanceof Error ? error.message : String(error) };
			});

			control.get('/requests', async () => sandbox.requests);
			control.get('/callbacks', async () => sandbox.callbacks);
			control.get('/ledger', async () => sandbox.ledger);
			control.get('/violations', async () => sandbox.violations);
			control.get('/tasks', async () => sandbox.tasks());
			control.get('/accounts', async () => sandbox.accounts());
			control.get('/other-host', async () => sandbox.otherHost);
			control.get('/faults', async () => sandbox.faults.pending());

			control.post('/accounts', async ({ body }) =>
				sandbox.addAccount(accountSchema.parse(body ?? {})),
			);
			control.post('/tasks', async ({ body }) =>
				sandbox.addTask(placedTaskSchema.parse(body ?? {})),
			);
			control.post('/configure', async ({ body }) => {
				sandbox.configure(settingsChangeSchema.parse(body));
				return { ok: true };
			});
			control.post('/faults', async ({ body }, reply) => {
				const fault = faultSchema.parse(body);
				// A fault that shuts this host must let this answer out first.
				if (fault.kind === 'refuse') reply.raw.once('finish', () => sandbox.faults.add(fault));
				else sandbox.faults.add(fault);
				return { ok: true };
			});
			control.delete('/faults', async () => {
				sandbox.faults.clear();
				return { ok: true };
			});
			control.post('/advance', async ({ body }) => {
				await sandbox.advance(advanceSchema.parse(body).seconds);
				return { ok: true };
			});
			control.post('/reset', async () => {
				await sandbox.reset();
				return { ok: true };
			});
		},
		{ prefix: CONTROL_PREFIX },
	);
}
