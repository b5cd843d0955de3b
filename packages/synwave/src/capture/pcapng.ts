/** pcapng (draft-ietf-opsawg-pcapng): the numbers that reader and writer share. */

/** Block types. */
export const SECTION_HEADER = 0x0a0d0d0a;
export const INTERFACE_DESCRIPTION = 1;
export const SIMPLE_PACKET = 3;
export const ENHANCED_PACKET = 6;

/** How a section header tells its byte order. */
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

/** Type and both lengths: what every block has. */
export const BLOCK_FRAME = 12;

/** Option codes: for any block, for a section header, an interface description, an enhanced packet. */
export const OPT_END = 0;
export const OPT_COMMENT = 1;
export const SHB_USER_APPLICATION = 4;
export const IF_NAME = 2;
export const IF_DESCRIPTION = 3;
export const IF_TSRESOL = 9;
export const IF_TSOFFSET = 14;
export const EPB_FLAGS = 2;
export const EPB_DROP_COUNT = 4;

/** epb_flags, bits 0 and 1: which way the packet went. */
export const DIRECTION_MASK = 3;
export const INBOUND = 1;
export const OUTBOUND = 2;
