/* The units of a layer, as many at a time as the core processes: four lanes on Helium, one elsewhere.
 *
 * Lanes are int32 and are added, multiplied and shifted with C's own operators, so a cell is written once.  A loop over
 * units advances by KWS_LANES.  Its mask limits loads and stores to existing units; the other lanes are 0. */
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
