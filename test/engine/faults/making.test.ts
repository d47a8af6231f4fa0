import { testMatrix } from './matrix';
import { EXTEND_WAYS, GENERATE_WAYS } from './ways';

testMatrix([...GENERATE_WAYS, ...EXTEND_WAYS]);
