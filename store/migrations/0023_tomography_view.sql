-- Snapshots of states are events, which retention and pins know: the table that nothing ever wrote becomes a view of
-- them (decision 62).

drop table tomography;

create view tomography as
select time, name, site, device, link, attributes ->> 'quantum.slot.id' as slot,
       attributes ->> 'quantum.tomography.state' as state,
       (attributes ->> 'quantum.tomography.hold')::float8 as hold_s,
       (attributes ->> 'quantum.tomography.fidelity')::float8 as fidelity,
       (attributes ->> 'quantum.tomography.fidelity.error')::float8 as error,
       (attributes ->> 'quantum.tomography.samples')::bigint as samples,
       attributes ->> 'quantum.calibration.id' as calibration,
       attributes ->> 'quantum.tomography.matrix' as matrix, attributes
  from event
 where name = 'quantum.memory.tomography';

comment on view tomography is 'Measured states of memory slots with their density matrices, rows of [real, imaginary]';
