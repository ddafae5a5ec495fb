%% Runs in a node of a RabbitMQ cluster (`-eval 'file:eval(".../rejoin.erl")'`), beside the broker, and does what would
%% otherwise wait for an operator. Every five seconds it looks for seven things.
%%
%% Partitions that `pause_minority` does not see. A node that was stopped, as virtual machines are when they are moved, finds
%% when it resumes that the others went on without it. They are back before it has counted who is left, so it never pauses;
%% Mnesia reports that the network was partitioned, and RabbitMQ does no more. Quorum queues have their own elections and
%% stay correct. A node that is apart from as many others as would be half of the cluster starts its broker
%% again, which makes it join them. Should two nodes be apart from nobody but each other, because only the line between
%% them was cut, the one with the greater name does so after half a minute; or, if only one of them knows, that one.
%%
%% A broker that does not come back. When the network heals, a paused broker is started again by RabbitMQ, once; should a
%% plugin fail to start in that moment, the node stays without a broker for ever. Here it is started until it runs. Or the
%% start waits for ever for Erlang's global names to agree with a node that answered while the network was healing; then
%% the connections to the other nodes are closed, which are made anew at once and agree. Or Mnesia has ended, because the
%% disk was full when it wanted to write, and left a broker behind that responds and does nothing; or the log of the quorum
%% queues has ended for the same reason, and with it all members here, of which none can start or join again. In both cases
%% the broker is stopped and started until it runs.
%%
%% A member of a quorum queue that does not run although its broker does: it could not write a snapshot because the disk was
%% full, and has cut its log all the same, so that it cannot read it any more. Its data is deleted and it joins its queue
%% again, with everything that the others have. Where those are no majority nothing is done.
%%
%% A member that runs and gets no further: an entry of its log cannot be read any more ("follower did not have entry at … Asking
%% … to resend"), and it asks the leader for the one after it, for ever. Consumers that are connected to this node get nothing
%% of the queue, because deliveries come from the member that is nearest, and with another node away the queue has no
%% majority. After 20 seconds it is replaced in the same way.
%%
%% A member that leads its queue and makes no progress: seen twice after the disk was full and the process that writes the
%% log of all members had ended. Once it answered nothing, once only what needs no entry in the log. The others do not
%% elect another leader as long as its process exists, and nobody can publish to the queue, or consume from it. After 20
%% seconds its process is ended; it starts again from its log, and another may lead meanwhile.
%%
%% A member that disagrees with the others about what is in the queue, although all have applied the same entries. Seen
%% after many nodes had come and gone: a member that has entries of an earlier leader which were never decided may apply
%% some of them before it hears that they are void. If it leads the queue, it counts no acknowledgement any more, because it
%% has given the messages other numbers than the members that deliver them; once the queue is full nobody can publish to
%% it. Where the others are a majority and agree with each other, it transfers leadership to one of them and is replaced.
%% Connections here that consume from the queue are closed, because what they know of numbers is its own.
%%
%% An exclusive queue whose connection has ended and whose process has ended with it, but could not delete its entry in the
%% tables because the nodes were just parting. RabbitMQ deletes such entries only with their node. After 20 seconds the entry
%% is deleted.
%%
%% For maintenance with `rabbitmqctl stop_app`, switch it off: `rabbitmqctl eval 'application:set_env(martlet, rejoin, false).'`
Apart = fun(Rounds) ->
    Others = rabbit_node_monitor:partitions(),
    All = rabbit_nodes:all(),
    IsMinority = 2 * length(Others) >= length(All),
    IsChosen = Rounds >= 6 andalso length(Others) =:= 1 andalso
        case rpc:call(hd(Others), rabbit_node_monitor, partitions, [], 5000) of
            [] -> true;
            [Node] -> Node =:= node() andalso node() > hd(Others);
            _ -> false
        end,
    case Others of
        [] -> no;
        _ when IsMinority; IsChosen -> yes;
        _ -> others
    end
end,
%% From RabbitMQ 3.13 on the tables may be kept by Khepri instead.
UsesMnesia = fun() ->
    code:ensure_loaded(rabbit_khepri) =/= {module, rabbit_khepri} orelse (catch rabbit_khepri:is_enabled()) =/= true
end,
%% A crash starts it again; after too many in a row it is gone.
HasLog = fun() -> whereis(ra_log_wal) =/= undefined end,
IsRunning = fun() ->
    (catch rabbit:is_running()) =:= true andalso HasLog() andalso
        (not UsesMnesia() orelse (catch mnesia:system_info(is_running)) =:= yes)
end,
%% RabbitMQ itself is at it: it waits for a majority, or starts.
IsCaredFor = fun() -> whereis(rabbit_outside_app_process) =/= undefined end,
IsOn = fun() -> application:get_env(martlet, rejoin, true) =:= true end,
Start = fun(Self) ->
    %% Whatever is left of it would keep it from starting.
    _ = (catch rabbit:stop()),
    _ = (catch application:stop(ra)),
    _ = (catch rabbit:start()),
    case IsRunning() of
        true -> ok;
        false -> timer:sleep(5000), Self(Self)
    end
end,
SeesMajority = fun() ->
    All = rabbit_nodes:all(),
    2 * length([Node || Node <- All, lists:member(Node, [node() | nodes()])]) > length(All)
end,
RunsMajority = fun() ->
    All = rabbit_nodes:all(),
    2 * length([Node || Node <- All, rpc:call(Node, rabbit, is_running, [], 2000) =:= true]) > length(All)
end,
%% Apart: rounds in which it was apart from others. Down: rounds in which the broker should have run and did not; below
%% zero before it ran once.
Watch = fun(Self, ApartRounds, DownRounds) ->
    timer:sleep(5000),
    case {IsOn(), IsRunning(), IsCaredFor()} of
        {true, true, _} ->
            case catch Apart(ApartRounds) of
                yes ->
                    logger:warning("This node is partitioned from the others; it starts again to join them"),
                    Start(Start),
                    Self(Self, 0, 0);
                others -> Self(Self, ApartRounds + 1, 0);
                _ -> Self(Self, 0, 0)
            end;
        {true, false, true} when DownRounds >= 3 ->
            logger:warning("The broker of this node waits for others that are there; it connects to them anew"),
            [erlang:disconnect_node(Node) || Node <- nodes()],
            Self(Self, 0, 0);
        {true, false, true} when DownRounds >= 0 ->
            %% In a minority it waits rightly.
            case catch SeesMajority() of
                true -> Self(Self, 0, DownRounds + 1);
                _ -> Self(Self, 0, 0)
            end;
        {true, false, false} when DownRounds >= 2 ->
            logger:warning("The broker of this node has not come back; it is started again"),
            Start(Start),
            Self(Self, 0, 0);
        {true, false, false} when DownRounds >= 0 -> Self(Self, 0, DownRounds + 1);
        {_, _, _} -> Self(Self, 0, min(DownRounds, 0))
    end
end,
%% The quorum queues that have a member here.
Members = fun() ->
    [{{VHost, Name}, Server, Leader, Nodes} || Queue <- rabbit_amqqueue:list(),
        amqqueue:get_type(Queue) =:= rabbit_quorum_queue,
        {Server, Leader} <- [amqqueue:get_pid(Queue)],
        Nodes <- [maps:get(nodes, amqqueue:get_type_state(Queue), [])],
        lists:member(node(), Nodes),
        {resource, VHost, queue, Name} <- [amqqueue:get_name(Queue)]]
end,
%% How far the members at a node are, by the names of their queues. They say so every five seconds.
Applied = fun(Node) ->
    case rpc:call(Node, ets, tab2list, [ra_metrics], 2000) of
        List when is_list(List) -> maps:from_list([{element(1, Entry), element(4, Entry)} || Entry <- List]);
        _ -> #{}
    end
end,
%% How far each member here is, and how far its leader.
Progress = fun(Queues) ->
    Own = Applied(node()),
    Leaders = lists:usort([Leader || {_, _, Leader, _} <- Queues]) -- [node()],
    Others = maps:from_list([{Leader, Applied(Leader)} || Leader <- Leaders]),
    maps:from_list([{Queue, {Here, There}} || {{VHost, Name} = Queue, _, Leader, _} <- Queues,
        Resource <- [{resource, VHost, queue, Name}],
        {ok, Here} <- [maps:find(Resource, Own)],
        {ok, There} <- [maps:find(Resource, maps:get(Leader, Others, #{}))]])
end,
%% Those that have not moved since the last look, although their leaders were further even then.
Stuck = fun(Before, Now) ->
    [Queue || {Queue, {Own, _}} <- maps:to_list(Now),
        case maps:find(Queue, Before) of
            {ok, {Own, Leader}} -> Own < Leader;
            _ -> false
        end]
end,
%% Something that only a leader with a majority can do: a new entry in the log, because one that cannot write may still
%% answer questions. The entry changes nothing; it says that no node has left for good. Where letters lie for weeks no log
%% is to grow, so that leader is asked first; but that one has not answered is no proof, because in a queue without traffic
%% a question may wait for a member that was away.
Try = fun(Name, Server) ->
    Id = {Server, node()},
    Ask = fun() -> ra:consistent_query(Id, fun(_) -> here end, 2000) end,
    Write = fun() -> ra:process_command(Id, rabbit_fifo:make_purge_nodes([]), 2000) end,
    case {erlang:function_exported(rabbit_fifo, make_purge_nodes, 1), re:run(Name, "dead-letters$")} of
        {true, nomatch} -> Write();
        {true, _} -> case Ask() of {timeout, _} -> Write(); Answer -> Answer end;
        {false, _} -> Ask()
    end
end,
%% Those that are led from here by a member that gets nothing done. All are tried at once.
Silent = fun(Queues) ->
    Tries = [{spawn_monitor(fun() -> exit({tried, Try(Name, Server)}) end), Queue, Server} ||
        {{_, Name} = Queue, Server, Leader, _} <- Queues, Leader =:= node(), whereis(Server) =/= undefined],
    [{restart, Queue, Server} || {{_, Attempt}, Queue, Server} <- Tries,
        receive
            {'DOWN', Attempt, process, _, {tried, {timeout, _}}} -> true;
            {'DOWN', Attempt, process, _, _} -> false
        end]
end,
%% What a member has in its queue after the last entry that it has applied.
Content = fun({Server, Node}) ->
    Counts = fun(State) ->
        maps:with(
            [num_ready_messages, num_checked_out, enqueue_message_bytes, checkout_message_bytes],
            rabbit_fifo:overview(State))
    end,
    case catch ra:local_query({Server, Node}, Counts, 1000) of
        {ok, {{Entry, _}, Content}, _} -> {Node, Entry, Content};
        _ -> {Node, unknown, unknown}
    end
end,
%% Whether the member here disagrees with all others after the same entry, while they agree and are a majority. Whoever
%% does not answer may have gone on, so that nothing can be said.
Disagrees = fun(Contents) ->
    {value, {_, Entry, Own}, Others} = lists:keytake(node(), 1, Contents),
    Same = [Content || {_, At, Content} <- Others, At =:= Entry],
    case {lists:keymember(unknown, 2, Contents), lists:usort(Same)} of
        {true, _} -> no;
        {false, _} when 2 * length(Same) =< length(Contents) -> moving;
        {false, [Own]} -> no;
        {false, [_]} -> yes;
        {false, _} -> no
    end
end,
%% The queues whose members here disagree. Members go on working while they are asked, so that they may have to be asked
%% several times until the answers are about the same entry.
Odd = fun(Self, Queues, Tries) ->
    Askers = [{spawn_monitor(fun() -> exit({contents, [Content({Server, Node}) || Node <- Nodes]}) end), Queue} ||
        {_, Server, _, Nodes} = Queue <- Queues, length(Nodes) > 2, whereis(Server) =/= undefined,
        Nodes -- [node() | nodes()] =:= []],
    Answers = [{receive
            {'DOWN', Asker, process, _, {contents, Contents}} -> Disagrees(Contents);
            {'DOWN', Asker, process, _, _} -> no
        end, Queue} || {{_, Asker}, Queue} <- Askers],
    Sure = [Queue || {yes, Queue} <- Answers],
    case [Queue || {moving, Queue} <- Answers] of
        Moving when Moving =/= [], Tries > 1 -> Sure ++ Self(Self, Moving, Tries - 1);
        _ -> Sure
    end
end,
Join = fun(Self, VHost, Name, Tries) ->
    case catch rabbit_quorum_queue:add_member(VHost, Name, node(), 10000) of
        ok -> ok;
        _ when Tries > 1 -> timer:sleep(2000), Self(Self, VHost, Name, Tries - 1);
        Reason -> logger:warning("It could not join: ~tp", [Reason])
    end
end,
Replace = fun({VHost, Name}) ->
    logger:warning("This node's member of the queue '~ts' is replaced", [Name]),
    case catch rabbit_quorum_queue:delete_member(VHost, Name, node()) of
        ok -> Join(Join, VHost, Name, 15);
        Reason -> logger:warning("It could not be removed: ~tp", [Reason])
    end
end,
%% The connections that know messages of this queue by the numbers of the member here.
Listeners = fun(Queue, Nodes) ->
    Channels = [Channel || Consumer <- rabbit_amqqueue:consumers(Queue), Channel <- [element(1, Consumer)],
        node(Channel) =:= node() orelse not lists:member(node(Channel), Nodes)],
    lists:usort([Connection || Channel <- Channels,
        [{connection, Connection}] <- [catch rabbit_channel:info(Channel, [connection])]])
end,
Correct = fun({VHost, Name}, Leader, Nodes) ->
    logger:warning("This node's member of the queue '~ts' disagrees with the others about its content", [Name]),
    {ok, Queue} = rabbit_amqqueue:lookup(rabbit_misc:r(VHost, queue, Name)),
    Connections = case catch Listeners(Queue, Nodes) of List when is_list(List) -> List; _ -> [] end,
    case Leader =:= node() of
        true -> rabbit_quorum_queue:transfer_leadership(Queue, hd(Nodes -- [node()]));
        false -> ok
    end,
    Replace({VHost, Name}),
    [catch rabbit_networking:close_connection(Connection, "a queue's member was replaced") || Connection <- Connections]
end,
Restart = fun({_, Name}, Server) ->
    logger:warning("This node's member of the queue '~ts' leads it and gets nothing done; it is started again", [Name]),
    exit(whereis(Server), kill)
end,
%% Rounds: in how many rounds in a row each member needed help. Before: how far each was in the last one.
Mend = fun(Self, Rounds, Before) ->
    timer:sleep(5000),
    {Needed, Now} =
        case IsOn() andalso IsRunning() andalso (catch Members()) of
            Queues when is_list(Queues) ->
                Progressed = case catch Progress(Queues) of Map when is_map(Map) -> Map; _ -> #{} end,
                Missing = [Queue || {Queue, Server, _, _} <- Queues, whereis(Server) =:= undefined],
                %% Without a majority of brokers it is silent rightly.
                Mute = case catch RunsMajority() of true -> Silent(Queues); _ -> [] end,
                Heard = [Member || {Queue, _, _, _} = Member <- Queues, not lists:keymember(Queue, 2, Mute)],
                %% Asked twice, because nothing else is to be taken for a disagreement.
                [catch Correct(Queue, Leader, Nodes) ||
                    {Queue, _, Leader, Nodes} <- Odd(Odd, Odd(Odd, Heard, 10), 50)],
                {[{replace, Queue} || Queue <- lists:usort(Missing ++ Stuck(Before, Progressed))] ++ Mute, Progressed};
            _ -> {[], #{}}
        end,
    Counts = maps:from_list([{Help, maps:get(Help, Rounds, 0) + 1} || Help <- Needed]),
    [case Help of
        {replace, {_, Name} = Queue} ->
            logger:warning("This node's member of the queue '~ts' does not run or gets no further", [Name]),
            Replace(Queue);
        {restart, Queue, Server} -> catch Restart(Queue, Server)
    end || {Help, Count} <- maps:to_list(Counts), Count rem 4 =:= 0],
    Self(Self, Counts, Now)
end,
%% A process of an earlier run of this node is none of this one, which `is_process_alive` refuses to answer.
HasEnded = fun(Process) -> node(Process) =:= node() andalso (catch is_process_alive(Process)) =/= true end,
Left = fun() ->
    [{amqqueue:get_name(Queue), Queue} || Queue <- rabbit_amqqueue:list(),
        Owner <- [amqqueue:get_exclusive_owner(Queue)], is_pid(Owner),
        Process <- [amqqueue:get_pid(Queue)], is_pid(Process),
        HasEnded(Owner), HasEnded(Process)]
end,
Delete = fun({_, _, _, Name} = Key, Queue) ->
    logger:warning("The connection and the process of the queue '~ts' have ended; its entry is deleted", [Name]),
    case catch rabbit_amqqueue:internal_delete(Key, <<"rejoin">>) of
        %% Newer versions take the queue itself.
        {'EXIT', _} -> catch rabbit_amqqueue:internal_delete(Queue, <<"rejoin">>);
        _ -> ok
    end
end,
%% Rounds: in how many rounds in a row each was there.
Sweep = fun(Self, Rounds) ->
    timer:sleep(5000),
    Queues = case IsOn() andalso IsRunning() andalso (catch Left()) of List when is_list(List) -> List; _ -> [] end,
    Counts = maps:from_list([{Key, maps:get(Key, Rounds, 0) + 1} || {Key, _} <- Queues]),
    [Delete(Key, Queue) || {Key, Queue} <- Queues, maps:get(Key, Counts) rem 4 =:= 0],
    Self(Self, Counts)
end,
spawn(fun() -> Sweep(Sweep, #{}) end),
spawn(fun() -> Mend(Mend, #{}, #{}) end),
spawn(fun() -> Watch(Watch, 0, -1) end).
