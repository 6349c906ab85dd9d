/* The one header to include: kws/kws.h explains its functions, kws/kws_model.h has the model's memory and sizes. */
#ifndef JERBOA_H
#define JERBOA_H

#include "kws/kws.h"
#include "kws/kws_model.h"

#endif
