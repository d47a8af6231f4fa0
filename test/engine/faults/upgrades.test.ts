import { testMatrix } from './matrix';
import { GET_1080P_WAYS, GET_4K_WAYS } from './ways';

testMatrix([...GET_4K_WAYS, ...GET_1080P_WAYS]);
