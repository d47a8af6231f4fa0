/** The service's envelope, and the texts it is known for. */

/** What an endpoint answers, before any fault touches it. */
export interface Answer {
	status: number;
	body: Envelope;
}

export interface Envelope {
	/** The upload host alone says this too. */
	success?: boolean;
	code: number;
	msg: string;
	data: unknown;
}

export const TEXT = {
	unauthorized: 'You do not have access permissions',
	tooPoor: 'The current credits are insufficient. Please top up.',
	tooMany: 'Your call frequency is too high. Please try again later.',
	unreachableImage:
		'Failed to fetch the image. Kindly verify any access limits set by you or your service provider.',
	notFound: 'Not Found',
	recordIsNull: 'record is null',
	recordTooOld: 'Temporarily supports records within 14 days',
	recordNotSuccess: 'record status is not success',
	recordHasNoResult: 'record result data not exist',
	processing1080p:
		'1080P is processing. It should be ready in 1-2 minutes. Please check back shortly.',
	processing4k: '4k is processing. It should be ready in 5-10 minutes. Please check back shortly.',
	ready4k: 'The video has been generated successfully',
	unavailable4k: 'The 4K version of this video is unavailable. Please try a different video.',
} as const;

export function success(data: unknown): Answer {
	return { status: 200, body: { code: 200, msg: 'success', data } };
}

/** A refusal travels under HTTP 200, like nearly everything the service says. */
export function refusal(code: number, msg: string, data: unknown = null): Answer {
	return { status: 200, body: { code, msg, data } };
}
