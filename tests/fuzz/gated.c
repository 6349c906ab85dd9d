/* The same of a model of voice and one that it gates. */
#include "stream.c"
