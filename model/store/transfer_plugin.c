/*
 * The plug-in by which `digit` speaks HTTP to a server.
 */
#include "model/store/transfer.h"

extern __attribute__((visibility("default"))) const struct transfer_type digit_transfer;

const struct transfer_type digit_transfer = {transfer_open, transfer_run, transfer_close};
