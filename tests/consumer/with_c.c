#include <glow.h>
#include <stdio.h>

int main(void) {
  glow_model* model = 0;
  const glow_status status = glow_open("no_such_file.safetensors", "cpu", &model);
  printf("%s: %s\n", glow_version(), glow_last_error());
  return status == GLOW_FILE_ERROR ? 0 : 1;
}
