/* Stands in for a device's header: waiting for an event is when the driver's interrupt comes. */
void __WFE(void);
