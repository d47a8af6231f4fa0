/** A journey on a machine that is busy with something else may be late once: it is told, and walked again. */
jest.retryTimes(1, { logErrorsBeforeRetry: true });
