/**
 * The unit tests of protocol, waiting and delivery as one file, which Jest loads once for each change of the code
 * (`npm run test:mutation`): file by file it would load everything anew, which takes longer than the tests. Properties
 * stay out. They try thousands of cases for what nobody has thought of, and here a change is given.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const UNIT = join(__dirname, '../unit');

for (const folder of ['protocol', 'waiting', 'delivery']) {
	for (const file of readdirSync(join(UNIT, folder))) {
		if (/(?<!properties)\.test\.ts$/.test(file)) {
			describe(`${folder}/${file}`, () => void require(join(UNIT, folder, file)));
		}
	}
}
