/* The same of models of anomalies, of a microphone and of a sensor. */
#include "stream.c"
