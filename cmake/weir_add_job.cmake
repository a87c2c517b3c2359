# weir_add_job(<name> <source>...): a job, which is an ordinary executable on libweir.so.
#
# Also installed: a project that says find_package(Weir) gets the same function.
function(weir_add_job name)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE Weir::weir)
  # -g1 and exported symbols: a crash report then names function, file and line of the job's own code.
  target_compile_options(${name} PRIVATE -g1)
  set_target_properties(${name} PROPERTIES ENABLE_EXPORTS ON)
endfunction()
