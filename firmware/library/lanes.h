/* The units of a layer, as many at a time as a core works on: four lanes on Helium, one elsewhere.
 *
 * Lanes are int32 and are added, multiplied and shifted with C's own operators, so a cell is written once.  A loop over
 * units goes on by KWS_LANES; its mask keeps loads and stores to the units that there are, other lanes are 0. */
#ifndef KWS_LANES_H
#define KWS_LANES_H

#include <stdint.h>

#include "primitives.h"

#if defined(KWS_CORE_HELIUM)
#include "lanes_helium.h"
#else
#include "lanes_one.h"
#endif

#endif
