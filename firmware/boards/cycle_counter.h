/* board_cycles on Armv7-M: the DWT's counter, which stands still while the core sleeps. */
#ifndef CYCLE_COUNTER_H
#define CYCLE_COUNTER_H

void cycle_counter_start(void);

#endif
