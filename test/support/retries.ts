/**
 * For the suites that take long: what was late on a machine that is busy with something else is told, and tried once
 * more.
 */
jest.retryTimes(1, { logErrorsBeforeRetry: true });
