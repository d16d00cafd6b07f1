-- Snapshots of states are events, which retention, pins and every reader know. Nothing ever wrote here: decision 62.

drop table tomography;
