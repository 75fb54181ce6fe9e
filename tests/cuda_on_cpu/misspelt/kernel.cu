// What check_spelling must refuse. Not compiled.
__global__ void kernel(float* x) {
  __shared__ float buffer[32];
  x[threadIdx.x] = buffer[threadIdx.x];
}

void run(float* x) { kernel<<<1, 32>>>(x); }
