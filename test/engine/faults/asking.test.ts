import { testMatrix } from './matrix';
import { FILM_WAYS, GET_WAYS, SHORT_WAYS } from './ways';

testMatrix([...GET_WAYS, ...FILM_WAYS, ...SHORT_WAYS]);
