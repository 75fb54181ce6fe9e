// The one translation unit that holds stb's writer of PNG files.
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb/stb_image_write.h>
