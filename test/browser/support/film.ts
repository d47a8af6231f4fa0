import type { Locator } from 'playwright-core';

/** Plays what n8n's binary preview shows, until it moves. Size in pixels, time in seconds. */
export async function playFilm(
	video: Locator,
): Promise<{ width: number; height: number; time: number }> {
	return await video.evaluate(async (film) => {
		while (film.readyState < 4 || film.currentTime === 0) {
			if (film.error) throw new Error(film.error.message);
			await new Promise((next) => setTimeout(next, 50));
		}
		film.pause();
		return { width: film.videoWidth, height: film.videoHeight, time: film.currentTime };
	});
}
