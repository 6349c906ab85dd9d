/* Compiled, never linked: the sizes of these objects are the sizes that firmware/cost/footprint.py asks for. */
#include "kws.h"

extern unsigned char whole[], scratch[];
unsigned char whole[sizeof(struct kws)], scratch[sizeof((struct kws *)0)->scratch];
