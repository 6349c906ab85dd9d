/* The one header to include; kws/kws.h explains what it declares. */
#ifndef JERBOA_H
#define JERBOA_H

#include "kws/kws.h"

#endif
